# SPDX-License-Identifier: MIT
# The table of one workload, from the rows of every run: medians, and the
# median of each round's ratio to afetch. Appends the same to a TSV file.

function median(values, n,    i, j, v) {
    if (n == 0) {
        return ""
    }
    for (i = 2; i <= n; i++) {
        v = values[i]
        for (j = i - 1; j >= 1 && values[j] > v; j--) {
            values[j + 1] = values[j]
        }
        values[j + 1] = v
    }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

# The median of a metric over the valid runs of one contender.
function of(who, word,    i, n, list) {
    split("", list)
    for (i = 1; i <= last_round; i++) {
        if ((who, i, word) in run) {
            list[++n] = run[who, i, word]
        }
    }
    return median(list, n)
}

# As of(), of a metric against afetch's in the same round.
function ratio_of(who, word,    i, n, list) {
    split("", list)
    for (i = 1; i <= last_round; i++) {
        if (((who, i, word) in run) && (("afetch", i, word) in run)) {
            if (run[who, i, "urls"] == run["afetch", i, "urls"]) {
                list[++n] = run[who, i, word] / run["afetch", i, word]
            }
        }
    }
    return median(list, n)
}

function holds(value, op, wanted) {
    if (op == ">=") { return value >= wanted + 0 }
    if (op == "<=") { return value <= wanted + 0 }
    return value < wanted + 0
}

# "us < 18: met, ..." for one contender; sets all_met to yes, no or "-".
function goals_of(who,    i, n, list, part, text, value) {
    all_met = "-"
    n = split(goals, list, " ")
    for (i = 1; i <= n; i++) {
        split(list[i], part, ":")
        if (part[1] != who) {
            continue
        }
        value = metric[part[2]]
        text = text (text == "" ? "" : "; ") words[part[2]] " " part[3] " " \
            part[4]
        if (value == "") {
            continue
        }
        if (holds(value, part[3], part[4])) {
            text = text " met"
            all_met = all_met == "no" ? "no" : "yes"
        } else {
            text = text sprintf(" MISSED (%.2f)", value)
            all_met = "no"
        }
    }
    return text
}

function field(format, value) {
    return value == "" ? "-" : sprintf(format, value)
}

BEGIN {
    FS = "\t"
    words["ratio"] = "x afetch"
    words["cpuratio"] = "x afetch's cpu"
    words["us"] = "cpu us/URL"
    words["cpu"] = "cpu s"
    words["ideal"] = "x ideal"
    words["rss"] = "RSS MiB"
    words["growth"] = "growth MiB"
    words["first"] = "first ms"
}

$1 == workload {
    runs[$3]++
    last_round = $2
    if ($15 != 1) {
        next
    }
    valid[$3]++
    run[$3, $2, "wall"] = $5
    run[$3, $2, "urls"] = $4
    run[$3, $2, "cpu"] = $6 + $7
    run[$3, $2, "us"] = ($6 + $7) / $4 * 1e6
    run[$3, $2, "rss"] = $8 / 1024
    if ($10 != "-") {
        run[$3, $2, "first"] = $10
    }
    if ($12 != "-" && $13 != "-") {
        run[$3, $2, "growth"] = ($13 - $12) / 1024
    }
    if ($16 != "") {
        notes[$3] = $16
    }
}

END {
    first_matters = goals ~ /:first:/
    printf "\n%s: %s; rounds: %d\n", workload, title, rounds
    printf "  %-9s%9s%10s%9s%11s%9s  %s\n", "", "wall s", "x afetch", \
        "cpu s", "cpu us/URL", "RSS MiB", "goal"
    n = split(order, names, " ")
    for (i = 1; i <= n; i++) {
        who = names[i]
        if (index(absent, " " who " ")) {
            printf "  %-9s%s\n", who, who == "afetch" ? "not built (make)" : \
                "not installed (make bench-deps)"
            continue
        }
        if (runs[who] == 0) {
            continue
        }
        split("", metric)
        for (w in words) {
            metric[w] = of(who, w)
        }
        wall = of(who, "wall")
        metric["ratio"] = ratio_of(who, "wall")
        metric["cpuratio"] = ratio_of(who, "cpu")
        metric["ideal"] = ideal > 0 && wall != "" ? wall / ideal : ""
        goal = goals_of(who)
        if (first_matters) {
            metric["ratio"] = "" # most of the time is ours
        }
        printf "  %-9s%9s%10s%9s%11s%9s%s\n", who, field("%.3f", wall), \
            field("%.2f", metric["ratio"]), field("%.3f", metric["cpu"]), \
            field("%.1f", metric["us"]), field("%.1f", metric["rss"]), (goal == "" ? "" : "  " goal)
        if (metric["growth"] != "") {
            printf "           from a tenth of the URLs to the end: %+.2f MiB\n", \
                metric["growth"]
        }
        if (first_matters && metric["first"] == "") {
            printf "           nothing came before stdin ended\n"
        } else if (first_matters) {
            printf "           first after %.1f ms\n", metric["first"]
        }
        if (valid[who] < runs[who]) {
            printf "           %d of %d runs invalid\n", \
                runs[who] - valid[who], runs[who]
        }
        if (notes[who] != "") {
            printf "           note: %s\n", notes[who]
        }
        printf "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", \
            workload, who, runs[who], valid[who], field("%.6f", wall), \
            field("%.4f", metric["ratio"]), field("%.6f", metric["cpu"]), \
            field("%.3f", metric["us"]), field("%.3f", metric["rss"]), \
            field("%.3f", metric["first"]), field("%.3f", metric["growth"]), \
            goal == "" ? "-" : goal, all_met >>summary
    }
    if (ideal > 0) {
        printf "  %-9s%9.3f\n", "ideal", ideal
    }
}

"""What the tallies must hold, counted from the activities: it fills them, and R3 is held against it.

The rules are those of `service.activities.tally`: an activity without a known number of people is one unknown
total, sexes count only beside a known total, and a count of the whole that nobody stated is the sum of its
groups where every group states it.
"""

from service.access.tallies import NOBODY

_TOOK_PLACE = "('held', 'reported', 'verified')"
_RUNNING = "('submitted', 'under_review', 'needs_clarification', 'awaiting_decision')"


def activity_counts(where: str) -> str:
    """Gives a SELECT of `activity_tally` rows for the activities of a condition."""
    return f"""
        SELECT activity.agreement_id, activity.relation,
            CASE WHEN first.day IS NULL OR activity.starts_on < first.day THEN 0
                ELSE extract(year FROM age(activity.starts_on, first.day))::int + 1 END AS agreement_year,
            activity.kind, activity.state, count(*) AS activities
        FROM activity
        JOIN agreement ON agreement.id = activity.agreement_id
        LEFT JOIN agreement AS mou ON mou.id = agreement.parent_id,
        LATERAL (SELECT coalesce(agreement.effective_from, mou.effective_from) AS day) AS first
        WHERE {where}
        GROUP BY 1, 2, 3, 4, 5
    """


def attendance_counts(where: str) -> str:
    """Gives a SELECT of `attendance_tally` rows for the activities of a condition."""
    return f"""
        WITH came AS (
            SELECT agreement_id, id, relation, participant_unit = 'people' AS people,
                coalesce(participant_total, participant_male + participant_female
                    + participant_sex_unspecified) AS total,
                participant_male AS male, participant_female AS female
            FROM activity WHERE {where} AND state IN {_TOOK_PLACE}
        ), member AS (
            SELECT came.agreement_id, came.id, came.relation,
                coalesce(part.organization_id, '{NOBODY}') AS organization_id,
                coalesce(part.group_label, '') AS group_label,
                coalesce(part.total, part.male + part.female + part.sex_unspecified) AS total,
                part.male, part.female
            FROM came JOIN participant_group AS part ON part.activity_id = came.id WHERE came.people
        ), of_groups AS (
            SELECT id, {", ".join(_sum_if_all(name) for name in ("total", "male", "female"))}
            FROM member GROUP BY id
        ), counted AS (
            SELECT agreement_id, relation, organization_id, group_label, total, male, female FROM member
            UNION ALL
            SELECT came.agreement_id, came.relation, '{NOBODY}', '',
                {
        ", ".join(
            f"CASE WHEN people THEN coalesce(came.{name}, of_groups.{name}) END"
            for name in ("total", "male", "female")
        )
    }
            FROM came LEFT JOIN of_groups ON of_groups.id = came.id
        )
        SELECT agreement_id, relation, organization_id, group_label, count(*) AS activities,
            count(*) FILTER (WHERE total IS NULL) AS unknown_totals,
            coalesce(sum(total), 0) AS total,
            coalesce(sum(male) FILTER (WHERE total IS NOT NULL), 0) AS male,
            count(male) FILTER (WHERE total IS NOT NULL) AS male_known,
            coalesce(sum(female) FILTER (WHERE total IS NOT NULL), 0) AS female,
            count(female) FILTER (WHERE total IS NOT NULL) AS female_known
        FROM counted GROUP BY 1, 2, 3, 4
    """


def milestone_counts(where: str, today: str) -> str:
    """Gives a SELECT of how many milestones share a health on a day."""
    return f"""
        SELECT key, count(*) AS count FROM (
            SELECT CASE
                WHEN state = 'met' THEN CASE WHEN achieved_on > due_on THEN 'met_late' ELSE 'met' END
                WHEN state = 'submitted' THEN CASE WHEN achieved_on > due_on THEN 'late'
                    WHEN due_on < {today} THEN 'at_risk' ELSE 'due_soon' END
                WHEN due_on < {today} THEN 'late'
                WHEN due_on - {today} <= 7 OR baseline_due_on < {today} THEN 'at_risk'
                WHEN due_on - {today} <= 30 OR state = 'returned' THEN 'due_soon'
                ELSE 'not_started' END AS key
            FROM milestone WHERE {where} AND state NOT IN ('waived', 'cancelled')
        ) AS standing GROUP BY key
    """


def workplan_counts(where: str, today: str) -> str:
    """Gives a SELECT of the items of each agreement year; what has no due day is due when its span ends."""
    return f"""
        SELECT agreement_year, count(*) AS items, count(*) FILTER (WHERE done) AS completed,
            count(*) FILTER (WHERE verified_by IS NOT NULL) AS verified,
            count(*) FILTER (WHERE NOT done AND coalesce(due_on, ends.day) < {today}) AS late
        FROM (
            SELECT *, state IN ('completed', 'verified') AS done,
                12 * (agreement_year - 1) + coalesce(3 * quarter, 12) AS months
            FROM workplan_item WHERE {where} AND dropped_by IS NULL
        ) AS item
        JOIN agreement ON agreement.id = item.agreement_id
        LEFT JOIN agreement AS mou ON mou.id = agreement.parent_id,
        LATERAL (SELECT coalesce(agreement.effective_from, mou.effective_from) AS day) AS first,
        LATERAL (SELECT (first.day + make_interval(months => months))::date AS day) AS shifted,
        LATERAL (SELECT shifted.day - 1
            + (extract(day FROM shifted.day) <> extract(day FROM first.day))::int AS day) AS ends
        GROUP BY 1 ORDER BY 1
    """


def request_figures(where: str, today: str) -> str:
    """Gives a SELECT of the figures of the data requests of a condition."""
    return f"""
        SELECT count(*) AS received,
            count(*) FILTER (WHERE decision = 'granted') AS granted,
            count(*) FILTER (WHERE decision = 'granted_in_part') AS granted_in_part,
            count(*) FILTER (WHERE decision = 'refused') AS refused,
            count(*) FILTER (WHERE state IN {_RUNNING}) AS open,
            count(*) FILTER (WHERE state IN {_RUNNING} AND due_on < {today}) AS overdue,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY working_days) AS median_working_days,
            percentile_cont(0.9) WITHIN GROUP (ORDER BY working_days) AS p90_working_days
        FROM data_request WHERE {where} AND received_on IS NOT NULL
    """


def _sum_if_all(name: str) -> str:
    return f"CASE WHEN bool_and({name} IS NOT NULL) THEN sum({name}) END AS {name}"

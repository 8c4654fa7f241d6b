"""What the tallies must hold, counted from the activities: it fills them, and R3 is held against it.

The rules are those of `service.activities.tally`: an activity without a known number of people is one unknown
total, sexes count only beside a known total, and a count of the whole that nobody stated is the sum of its
groups where every group states it.
"""

from service.activities.tally import NOBODY

_TOOK_PLACE = "('held', 'reported', 'verified')"


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


def _sum_if_all(name: str) -> str:
    return f"CASE WHEN bool_and({name} IS NOT NULL) THEN sum({name}) END AS {name}"

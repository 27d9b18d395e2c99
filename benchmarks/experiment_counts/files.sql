-- Ten million people assigned to three arms over ten weeks, and what they did: no person, and no row, is anybody's.
-- Chances, delays and numbers come from hashes of the person's number, so that the files are the same everywhere.
CREATE OR REPLACE MACRO u(n, salt) AS (hash(n * 16 + salt) % 1000000) / 1000000.0;

CREATE OR REPLACE TABLE people AS
SELECT
    n,
    'p' || lpad(lower(to_base((hash(n) % 4738381338321616896)::BIGINT, 36)), 12, '0') AS patient_id,
    ['plain', 'warm', 'short'][1 + (hash(n * 16) % 3)::INT] AS arm,
    TIMESTAMPTZ '2026-01-05 00:00:00+00' + to_seconds((u(n, 1) * 70 * 86400)::INT) AS assigned_at
FROM range($people) AS r(n);

COPY (
    SELECT 'wording' AS experiment_id, patient_id, arm, 1 / 3.0::DOUBLE AS probability, assigned_at
    FROM people ORDER BY hash(n + 1)
) TO '$folder/assignments.parquet';

COPY (
    WITH made AS (
        SELECT
            n, patient_id, k, assigned_at + to_seconds((u(n * 4 + k, 2) * 40 * 86400 - 8 * 86400)::INT) AS booked_at
        FROM people, range(4) AS r(k)
        WHERE u(n * 4 + k, 3) < CASE arm WHEN 'warm' THEN 0.14 ELSE 0.12 END
    ),
    versions AS (
        SELECT *, 'scheduled' AS status, booked_at AS known_at FROM made
        UNION ALL
        SELECT
            *, CASE WHEN u(n, 4) < 0.8 THEN 'attended' ELSE 'no_show' END,
            booked_at + to_days(3 + (u(n, 5) * 20)::INT) + INTERVAL 1 HOUR
        FROM made WHERE u(n, 6) < 0.9
    )
    SELECT
        'a' || n || '_' || k AS appointment_id, patient_id, status, booked_at,
        booked_at + to_days(3 + (u(n, 5) * 20)::INT) AS starts_at, known_at
    FROM versions ORDER BY hash(n + 2)
) TO '$folder/appointments.parquet';

COPY (
    SELECT
        patient_id, 'sms' AS channel, 'care' AS purpose, 'this_kind' AS scope, 'opt_out' AS status,
        assigned_at + to_seconds((u(n, 7) * 30 * 86400)::INT) AS changed_at
    FROM people WHERE u(n, 8) < 0.03
) TO '$folder/consents.parquet';

COPY (
    SELECT
        'r' || n || '_' || k AS reply_id, patient_id, 'other' AS intent,
        assigned_at + to_seconds((u(n * 4 + k, 9) * 30 * 86400)::INT) AS received_at
    FROM people, range(4) AS r(k) WHERE u(n * 4 + k, 10) < 0.1
) TO '$folder/replies.parquet';

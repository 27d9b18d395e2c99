-- Five metrics of an A/B analysis in cells, written for DuckDB by hand, with the rules of the study: the first arm, whole
-- days followed less one for recording, 14 days of window (in hours,
-- which spares the engine its calendar), the newest version of an appointment.
CREATE OR REPLACE TEMP TABLE assigned AS
SELECT
    patient_id, arm, probability, assigned_at,
    max(arm) OVER (PARTITION BY patient_id) <> min(arm) OVER (PARTITION BY patient_id) AS in_two_arms,
    least(14, greatest(0, epoch($as_of::TIMESTAMPTZ)::BIGINT // 86400
        - epoch(date_trunc('day', assigned_at))::BIGINT // 86400
        - (assigned_at > date_trunc('day', assigned_at))::BIGINT - 1)) AS followed
FROM assignments
WHERE experiment_id = 'wording' AND assigned_at < $as_of
QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY assigned_at, arm) = 1;

CREATE OR REPLACE TEMP TABLE in_window AS
SELECT appointment_id, patient_id, assigned_at, followed, booked_at, starts_at, status, known_at
FROM assigned JOIN appointments USING (patient_id)
WHERE known_at < $as_of AND (
    booked_at > assigned_at AND booked_at <= assigned_at + INTERVAL 336 HOUR
    OR starts_at > assigned_at AND starts_at <= assigned_at + INTERVAL 336 HOUR
);

CREATE OR REPLACE TEMP TABLE people AS
WITH newest AS (
    SELECT appointment_id, max(known_at) AS known_at
    FROM appointments SEMI JOIN in_window USING (appointment_id)
    WHERE known_at < $as_of GROUP BY appointment_id
),
days AS (
    SELECT
        patient_id, followed, status,
        booked_at > assigned_at AND booked_at <= assigned_at + INTERVAL 336 HOUR AS booked,
        starts_at > assigned_at AND starts_at <= assigned_at + INTERVAL 336 HOUR AS started,
        least(13, (epoch_us(booked_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400) AS booked_on,
        least(13, (epoch_us(starts_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400) AS started_on
    FROM in_window SEMI JOIN newest USING (appointment_id, known_at)
),
booked AS (
    SELECT
        patient_id,
        min(booked_on) FILTER (booked AND booked_on < followed) AS booking,
        count(*) FILTER (booked AND booked_on < followed) AS bookings,
        count(*) FILTER (started AND status = 'attended' AND started_on < followed) AS attended
    FROM days GROUP BY patient_id
),
withdrawn AS (
    SELECT
        patient_id,
        min(least(13, (epoch_us(changed_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400)) FILTER (
            least(13, (epoch_us(changed_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400) < followed
        ) AS opt_out
    FROM assigned JOIN consents USING (patient_id)
    WHERE channel = 'sms' AND (purpose = 'care' OR scope = 'all') AND status = 'opt_out' AND consents.changed_at < $as_of
        AND changed_at > assigned_at AND changed_at <= assigned_at + INTERVAL 336 HOUR
    GROUP BY patient_id
),
replied AS (
    SELECT
        patient_id,
        count(*) FILTER (
            least(13, (epoch_us(received_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400) < followed
        ) AS replies
    FROM assigned JOIN replies USING (patient_id)
    WHERE received_at < $as_of AND received_at > assigned_at AND received_at <= assigned_at + INTERVAL 336 HOUR
    GROUP BY patient_id
)
SELECT
    arm, probability, followed, in_two_arms, date_trunc('week', assigned_at)::DATE AS week, booking, opt_out,
    coalesce(bookings, 0) AS bookings, coalesce(attended, 0) AS attended, coalesce(replies, 0) AS replies
FROM assigned
LEFT JOIN booked USING (patient_id)
LEFT JOIN withdrawn USING (patient_id)
LEFT JOIN replied USING (patient_id)
WHERE assigned_at < $enrollment_ends;

SELECT (SELECT count(*) FROM assigned), count(*) FILTER (in_two_arms), min(probability), max(probability) FROM people;

SELECT 'bookings' AS metric, arm, followed, booking AS value, count(*) FROM people GROUP BY ALL
UNION ALL SELECT 'opt-outs', arm, followed, opt_out, count(*) FROM people GROUP BY ALL
UNION ALL SELECT 'bookings per person', arm, followed, bookings, count(*) FROM people GROUP BY ALL
UNION ALL SELECT 'attended appointments per person', arm, followed, attended, count(*) FROM people GROUP BY ALL
UNION ALL SELECT 'replies per person', arm, followed, replies, count(*) FROM people GROUP BY ALL
ORDER BY ALL;

SELECT
    week, arm, count(*), count(*) FILTER (followed = 14), count(*) FILTER (followed = 14 AND booking IS NOT NULL)
FROM people GROUP BY ALL ORDER BY ALL;

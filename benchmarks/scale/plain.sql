-- The counts of an A/B analysis, written for DuckDB by hand, with the rules of the study: the first arm, adults, consent
-- and state at assignment, the newest version of an appointment, 14 days of window and one for recording, withdrawals.
-- It was tuned until it got no faster: as one statement it takes longer (the engine then keeps ten million appointments
-- to read them twice), and as a table for every step as long.
CREATE OR REPLACE TEMP TABLE assigned AS
SELECT
    patient_id, arm, cluster_id, probability, assigned_at,
    max(arm) OVER (PARTITION BY patient_id) <> min(arm) OVER (PARTITION BY patient_id) AS in_two_arms
FROM assignments
WHERE experiment_id = $experiment AND assigned_at < $as_of
QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY assigned_at, arm) = 1;

CREATE OR REPLACE TEMP TABLE in_window AS
SELECT DISTINCT appointment_id FROM assigned JOIN appointments USING (patient_id)
WHERE known_at < $as_of AND booked_at > assigned_at AND booked_at <= assigned_at + INTERVAL 14 DAY;

CREATE OR REPLACE TEMP TABLE by_campaign AS
SELECT message_id, patient_id, assigned_at, sent_at, status, known_at FROM assigned JOIN messages USING (patient_id)
WHERE campaign_id = $campaign AND known_at < $as_of;

CREATE OR REPLACE TEMP TABLE people AS
WITH adults AS (
    SELECT patient_id FROM patients
    WHERE enrolled_at < $as_of AND year($as_of) - birth_year >= 19
),
changes AS NOT MATERIALIZED (
    SELECT patient_id, status, changed_at FROM consents
    WHERE channel = 'sms' AND (purpose = 'care' OR scope = 'all') AND changed_at < $as_of
),
consent AS (
    SELECT patient_id, status FROM assigned JOIN changes USING (patient_id)
    WHERE changed_at <= assigned_at
    QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY changed_at DESC, status DESC) = 1
),
state AS (
    SELECT patient_id, diagnosis_group FROM assigned JOIN patient_states USING (patient_id)
    WHERE known_at < $as_of AND valid_from <= assigned_at AND known_at <= assigned_at
    QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY valid_from DESC, known_at DESC) = 1
),
newest AS (
    SELECT patient_id, booked_at FROM appointments SEMI JOIN in_window USING (appointment_id)
    WHERE known_at < $as_of
    QUALIFY row_number() OVER (PARTITION BY appointment_id ORDER BY known_at DESC) = 1
),
booked AS (
    SELECT patient_id, min((epoch_us(booked_at) // 1000000 - epoch_us(assigned_at) // 1000000) // 86400) AS delay
    FROM assigned JOIN newest USING (patient_id)
    WHERE booked_at > assigned_at AND booked_at <= assigned_at + INTERVAL 14 DAY
    GROUP BY patient_id
),
texted AS (
    SELECT
        patient_id,
        bool_or(sent_at > assigned_at AND sent_at <= assigned_at + INTERVAL 14 DAY) AS triggered,
        bool_or(sent_at < assigned_at) AS texted_before
    FROM by_campaign SEMI JOIN (
        SELECT message_id, max(known_at) AS known_at FROM messages SEMI JOIN by_campaign USING (message_id)
        WHERE known_at < $as_of GROUP BY message_id
    ) USING (message_id, known_at)
    WHERE status NOT IN ('canceled', 'pending')
    GROUP BY patient_id
),
elsewhere AS (
    SELECT DISTINCT assigned.patient_id FROM assigned JOIN assignments AS other USING (patient_id)
    WHERE other.experiment_id <> $experiment AND other.assigned_at < $as_of
        AND other.assigned_at <= assigned.assigned_at + INTERVAL 14 DAY
        AND assigned.assigned_at <= other.assigned_at + INTERVAL 14 DAY
),
withdrawn AS (
    SELECT DISTINCT patient_id FROM assigned JOIN changes USING (patient_id)
    WHERE status = 'opt_out' AND changed_at > assigned_at AND changed_at <= assigned_at + INTERVAL 14 DAY
)
SELECT
    arm, probability, in_two_arms, delay,
    date_trunc('week', assigned_at)::DATE AS week,
    coalesce(diagnosis_group, 'not recorded') AS segment,
    assigned_at < $enrollment_ends AS enrolled,
    adults.patient_id IS NOT NULL AS adult,
    coalesce(consent.status = 'opt_in', FALSE) AS consented,
    assigned_at + INTERVAL 15 DAY <= $as_of AS closed,
    booked.patient_id IS NOT NULL AS event,
    withdrawn.patient_id IS NOT NULL AS guardrail,
    cluster_id,
    coalesce(texted.triggered, FALSE) AS triggered,
    coalesce(texted.texted_before, FALSE) AS texted_before,
    elsewhere.patient_id IS NOT NULL AS overlapping
FROM assigned
LEFT JOIN adults USING (patient_id)
LEFT JOIN consent USING (patient_id)
LEFT JOIN state USING (patient_id)
LEFT JOIN booked USING (patient_id)
LEFT JOIN texted USING (patient_id)
LEFT JOIN elsewhere USING (patient_id)
LEFT JOIN withdrawn USING (patient_id);

SELECT
    count(*) AS assigned,
    count(*) FILTER (enrolled) AS enrolled,
    count(*) FILTER (enrolled AND adult) AS adults,
    count(*) FILTER (enrolled AND adult AND consented) AS consented,
    count(*) FILTER (enrolled AND adult AND consented AND closed) AS closed,
    count(*) FILTER (in_two_arms) AS in_two_arms
FROM people;

SELECT
    arm,
    avg(probability) AS share,
    count(*) FILTER (enrolled AND adult AND consented) AS enrolled,
    count(*) FILTER (enrolled AND adult AND consented AND closed) AS closed,
    count(*) FILTER (enrolled AND adult AND consented AND closed AND event) AS events,
    count(*) FILTER (enrolled AND adult AND consented AND closed AND guardrail) AS guardrail
FROM people GROUP BY arm ORDER BY arm;

WITH enrolled_people AS (FROM people WHERE enrolled AND adult AND consented),
shared AS (
    SELECT arm, cluster_id, count(*) AS people FROM enrolled_people
    WHERE cluster_id IS NOT NULL GROUP BY arm, cluster_id HAVING count(*) > 1
)
SELECT
    coalesce((SELECT sum(people) FROM shared), 0)::BIGINT AS in_shared_clusters,
    count(*) FILTER (triggered) AS triggered,
    count(*) FILTER (texted_before) AS texted_before,
    count(*) FILTER (overlapping) AS overlapping
FROM enrolled_people;

SELECT segment, arm, count(*) AS people, count(*) FILTER (event) AS events
FROM people WHERE enrolled AND adult AND consented AND closed
GROUP BY segment, arm ORDER BY segment, arm;

SELECT arm, delay AS day, count(*) AS events
FROM people WHERE enrolled AND adult AND consented AND closed AND event
GROUP BY arm, day ORDER BY arm, day;

SELECT week, count(*) AS enrolled, count(*) FILTER (closed) AS closed
FROM people WHERE enrolled AND adult AND consented
GROUP BY week ORDER BY week;

SELECT epoch_us(greatest(
    (SELECT max(assigned_at) FROM assignments WHERE assigned_at < $as_of),
    (SELECT max(least(booked_at, known_at)) FROM appointments WHERE known_at < $as_of)
)) AS data_until;

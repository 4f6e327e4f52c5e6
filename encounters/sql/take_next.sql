-- Hands the next chart to a coder, with its lease, its work session and its event: one round trip.
--
-- Eligible is a chart in a worklist granted to one of the coder's role groups, of a specialty the coder is
-- trained for, while a credential of the coder's is in force; never one the coder skipped, and none while the
-- coder's new charts are paused at the client, or in the chart's specialty there.  Of each worklist
-- only the head of one partial index is read; the worklist with the earliest head is tried first.
-- SKIP LOCKED: a chart that somebody else is just taking is passed over, not waited for, so that two coders
-- never share one.
--
-- `known_*` says how far this worker has come in a worklist (all in front of that key is taken).  Under a long
-- report no dead index entry can be cleaned away, and without the bound each claim would walk over all of
-- them.  The bound holds only while the worklist's generation is the one it was learnt under: putting a chart
-- back in front of the line raises the generation in the same transaction, so the bound can hide nothing.
CREATE OR REPLACE FUNCTION worklist_take_next(
    p_user_id bigint,
    p_client_ids bigint[],
    p_today date,
    p_lease interval,
    p_known_queues uuid[],
    p_known_generations bigint[],
    p_known_keys bigint[],
    p_actor_name text,
    p_request_id text
) RETURNS TABLE (
    item_id uuid, client_id bigint, encounter_id uuid, queue_id uuid, fence integer,
    order_key bigint, generation bigint, was_held boolean
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
    v_credential text;
    v_specialties bigint[];
    v_queues uuid[];
    v_paused bigint[];
    v_paused_at bigint[];
    v_paused_in bigint[];
    v_session record;
    v_head record;
    v_item record;
    v_taken boolean := false;
BEGIN
    -- The scope, opened here so that it takes no message of its own; it ends with the transaction.
    PERFORM set_config('app.client_ids', array_to_string(p_client_ids, ','), true);
    SELECT (SELECT string_agg(name, ', ' ORDER BY name) FROM accounts_codercredential
                WHERE user_id = p_user_id AND issued_on <= p_today AND expires_on >= p_today),
           ARRAY(SELECT specialty_id FROM accounts_coderspecialty WHERE user_id = p_user_id),
           ARRAY(SELECT gp.content_object_id FROM accounts_user_groups ug
                 JOIN encounters_workqueuegrouppermission gp ON gp.group_id = ug.group_id
                 JOIN auth_permission p ON p.id = gp.permission_id AND p.codename = 'take_charts'
                 WHERE ug.user_id = p_user_id)
        INTO v_credential, v_specialties, v_queues;
    IF v_credential IS NULL THEN
        RETURN;
    END IF;

    -- Asked again after a lost answer: the chart in hand, not a second one.
    SELECT s.client_id, s.encounter_id, s.ended_at INTO v_session FROM encounters_worksession s
        WHERE s.user_id = p_user_id ORDER BY s.started_at DESC LIMIT 1;
    IF FOUND AND v_session.ended_at IS NULL THEN
        RETURN QUERY
            UPDATE encounters_workitem w SET lease_expires_at = v_now + p_lease
            WHERE w.client_id = v_session.client_id AND w.encounter_id = v_session.encounter_id
              AND w.holder_id = p_user_id AND w.state = 'leased' AND w.lease_expires_at > v_now
            RETURNING w.id, w.client_id, w.encounter_id, w.queue_id, w.fence, w.order_key, 0::bigint, true;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    -- Read once, not per chart: almost nobody is paused, and then nothing below costs more than it did.
    SELECT coalesce(array_agg(p.client_id) FILTER (WHERE p.specialty_id IS NULL), '{}'),
           coalesce(array_agg(p.client_id) FILTER (WHERE p.specialty_id IS NOT NULL), '{}'),
           coalesce(array_agg(p.specialty_id) FILTER (WHERE p.specialty_id IS NOT NULL), '{}')
        INTO v_paused, v_paused_at, v_paused_in
        FROM encounters_workpause p
        WHERE p.coder_id = p_user_id AND p.client_id = ANY (p_client_ids) AND p.lifted_at IS NULL
          AND (p.until IS NULL OR p.until >= p_today);

    FOR v_head IN
        SELECT q.id, q.client_id, q.generation, bound.key, able.specialties
        FROM encounters_workqueue q
        CROSS JOIN LATERAL (
            SELECT coalesce(max(k.key), -9223372036854775808) AS key
            FROM unnest(p_known_queues, p_known_generations, p_known_keys) AS k(queue, generation, key)
            WHERE k.queue = q.id AND k.generation = q.generation
        ) bound
        CROSS JOIN LATERAL (
            SELECT CASE WHEN cardinality(v_paused_at) = 0 THEN v_specialties ELSE ARRAY(
                SELECT s.id FROM unnest(v_specialties) AS s(id) WHERE NOT EXISTS (
                    SELECT FROM unnest(v_paused_at, v_paused_in) AS p(at, specialty)
                    WHERE p.at = q.client_id AND p.specialty = s.id)) END AS specialties
        ) able
        CROSS JOIN LATERAL (
            SELECT w.order_key, w.id FROM encounters_workitem w
            WHERE w.client_id = q.client_id AND w.queue_id = q.id AND w.state = 'queued'
              AND w.order_key >= bound.key
              AND (w.specialty_id IS NULL OR w.specialty_id = ANY (able.specialties))
              AND NOT w.skipped_by @> ARRAY[p_user_id]
            ORDER BY w.client_id, w.queue_id, w.order_key, w.id
            LIMIT 1
        ) head
        WHERE q.client_id = ANY (p_client_ids) AND q.id = ANY (v_queues) AND q.is_active
          AND q.client_id <> ALL (v_paused)
        ORDER BY head.order_key, head.id
    LOOP
        WITH claimed AS (
            UPDATE encounters_workitem i
            SET state = 'leased', holder_id = p_user_id, leased_at = v_now,
                lease_expires_at = v_now + p_lease, fence = i.fence + 1
            WHERE i.id = (
                SELECT w.id FROM encounters_workitem w
                WHERE w.client_id = v_head.client_id AND w.queue_id = v_head.id AND w.state = 'queued'
                  AND w.order_key >= v_head.key
                  AND (w.specialty_id IS NULL OR w.specialty_id = ANY (v_head.specialties))
                  AND NOT w.skipped_by @> ARRAY[p_user_id]
                ORDER BY w.client_id, w.queue_id, w.order_key, w.id
                LIMIT 1
                FOR UPDATE OF w SKIP LOCKED
            )
            RETURNING i.id, i.client_id, i.encounter_id, i.queue_id, i.fence, i.order_key
        ), session AS (
            INSERT INTO encounters_worksession
                (id, client_id, encounter_id, user_id, started_at, last_active_at, active_seconds, fence)
            SELECT uuidv7(), c.client_id, c.encounter_id, p_user_id, v_now, v_now, 0, c.fence FROM claimed c
        ), event AS (
            INSERT INTO audit_auditevent
                (id, client_id, verb, actor_id, actor_name, role, credential, subject_type, subject_id, reason,
                 facts, request_id)
            SELECT uuidv7(), c.client_id, 'chart.taken', p_user_id, p_actor_name, 'coder', v_credential,
                   'encounter', c.encounter_id::text, '',
                   jsonb_build_object('queue', c.queue_id, 'fence', c.fence), p_request_id
            FROM claimed c
        )
        SELECT * INTO v_item FROM claimed;
        v_taken := FOUND;
        EXIT WHEN v_taken;
    END LOOP;
    IF NOT v_taken THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT v_item.id, v_item.client_id, v_item.encounter_id, v_item.queue_id, v_item.fence,
                        v_item.order_key, v_head.generation, false;
END $$;

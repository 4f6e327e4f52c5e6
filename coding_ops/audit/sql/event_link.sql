-- Links each new event into its client's chain.  The caller cannot choose number, time or hash: the
-- function overwrites them, and the application role may not even name those columns.  Names carry their schema,
-- so that a caller's search_path cannot put another table in the ledger's place.
CREATE OR REPLACE FUNCTION public.audit_event_link() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    head record;
    v_at text;
    v_facts text;
    v_actor text;
BEGIN
    -- One writer at a time for each client, until it commits: two events cannot take the same number.
    PERFORM pg_catalog.pg_advisory_xact_lock(7301, NEW.client_id::int);
    SELECT seq, hash INTO head FROM public.audit_auditevent
        WHERE client_id = NEW.client_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(head.seq, 0) + 1;
    NEW.occurred_at := pg_catalog.clock_timestamp();
    NEW.previous_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    -- Each column as its length in bytes, a colon, its text and a comma.  Written out: a helper called fourteen
    -- times would cost more than the rest of the insert.
    v_at := (extract(epoch FROM NEW.occurred_at) * 1000000)::bigint::text;
    v_facts := NEW.facts::text;
    v_actor := coalesce(NEW.actor_id::text, '');
    NEW.hash := pg_catalog.sha256(NEW.previous_hash || convert_to(
        octet_length(NEW.seq::text) || ':' || NEW.seq::text || ','
        || octet_length(NEW.client_id::text) || ':' || NEW.client_id::text || ','
        || octet_length(NEW.id::text) || ':' || NEW.id::text || ','
        || octet_length(v_at) || ':' || v_at || ','
        || octet_length(NEW.verb) || ':' || NEW.verb || ','
        || octet_length(v_actor) || ':' || v_actor || ','
        || octet_length(NEW.actor_name) || ':' || NEW.actor_name || ','
        || octet_length(NEW.role) || ':' || NEW.role || ','
        || octet_length(NEW.credential) || ':' || NEW.credential || ','
        || octet_length(NEW.subject_type) || ':' || NEW.subject_type || ','
        || octet_length(NEW.subject_id) || ':' || NEW.subject_id || ','
        || octet_length(NEW.reason) || ':' || NEW.reason || ','
        || octet_length(v_facts) || ':' || v_facts || ','
        || octet_length(NEW.request_id) || ':' || NEW.request_id || ',',
        'UTF8'));
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER audit_event_link BEFORE INSERT ON public.audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION public.audit_event_link();

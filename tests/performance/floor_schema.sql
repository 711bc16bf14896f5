CREATE TABLE entry (key text PRIMARY KEY, body bytea NOT NULL) WITH (toast_tuple_target = 8160);
CREATE TABLE line (key text PRIMARY KEY, body bytea NOT NULL, mark text NOT NULL DEFAULT '')
    WITH (toast_tuple_target = 8160, fillfactor = 70);
CREATE TABLE outbox (id bigint PRIMARY KEY, body bytea COMPRESSION lz4 NOT NULL);
CREATE TABLE consumer_offset (topic text, partition int, next bigint NOT NULL, PRIMARY KEY (topic, partition));
-- An index is right for every statement, also while the tables are small; and no plan is made twice.
DO $$
DECLARE setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY['enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off',
                                   'jit = off', 'plan_cache_mode = force_generic_plan'] LOOP
        EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting);
    END LOOP;
END $$;

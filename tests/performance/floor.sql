-- The one statement of every transaction of the floor: new rows, marks on rows, the outbox, the offsets.
WITH entries AS (INSERT INTO entry SELECT * FROM unnest($1::text[], $2::bytea[])),
lines AS (INSERT INTO line SELECT * FROM unnest($3::text[], $4::bytea[])),
marks AS (UPDATE line SET mark = m.mark FROM unnest($5::text[], $6::text[]) AS m (key, mark)
          WHERE line.key = m.key AND line.mark < m.mark),
sent AS (DELETE FROM outbox WHERE id = ANY ($7::bigint[])),
sending AS (INSERT INTO outbox SELECT $8::bigint, $9::bytea WHERE $9 IS NOT NULL)
UPDATE consumer_offset AS c SET next = o.next
FROM unnest($10::text[], $11::int[], $12::bigint[], $13::bigint[]) AS o (topic, partition, old, next)
WHERE c.topic = o.topic AND c.partition = o.partition AND c.next = o.old

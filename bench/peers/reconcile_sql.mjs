// The same matching as SQL that both peers read: exact by the signalling's id, the median difference of the clocks, then what is left
// by numbers, direction and a band of time, the nearest first. The result is stored.
export const statements = [
  'DROP TABLE IF EXISTS matches',
  `CREATE TABLE matches AS SELECT o.id AS ours, t.id AS theirs FROM ours o JOIN theirs t
   ON o.sip_call_id = t.sip_call_id AND o.own = t.own WHERE t.sip_call_id IS NOT NULL`,
  'DROP TABLE IF EXISTS clocks',
  `CREATE TABLE clocks AS SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t.start - o.start) AS ahead
   FROM matches m JOIN ours o ON o.id = m.ours JOIN theirs t ON t.id = m.theirs`,
  `INSERT INTO matches SELECT ours, theirs FROM (
     SELECT o.id AS ours, t.id AS theirs,
       row_number() OVER (PARTITION BY o.id ORDER BY abs(t.start - c.ahead - o.start), t.id) AS of_ours,
       row_number() OVER (PARTITION BY t.id ORDER BY abs(t.start - c.ahead - o.start), o.id) AS of_theirs
     FROM clocks c, ours o JOIN theirs t ON o.own = t.own AND o.far = t.far AND o.direction = t.direction
     WHERE t.start - c.ahead BETWEEN o.start - 2000 AND o.start + 2000
       AND NOT EXISTS (SELECT 1 FROM matches m WHERE m.ours = o.id) AND NOT EXISTS (SELECT 1 FROM matches m WHERE m.theirs = t.id)
   ) AS near WHERE of_ours = 1 AND of_theirs = 1`,
];
export const columns =
  'id VARCHAR, own VARCHAR, far VARCHAR, direction VARCHAR, start BIGINT, talk BIGINT, sip_call_id VARCHAR';

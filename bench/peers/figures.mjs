// What both peers need: figures in the form of bench/figure.h, timed questions, and the questions themselves.
import { readdirSync } from 'node:fs';

export function printFigure(name, value, unit) {
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(6)), unit }));
}

export function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];
}

// Asks `question` of each of the inputs, one after another; the milliseconds of each.
export async function timed(inputs, question) {
  const milliseconds = [];
  for (const input of inputs) {
    const start = process.hrtime.bigint();
    await question(input);
    milliseconds.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return milliseconds;
}

// The paths of the parts in a folder, in order.
export function partsOf(folder) {
  return readdirSync(folder).sort().map((name) => `${folder}/${name}`);
}

function printTimes(name, milliseconds) {
  printFigure(`${name}-p50`, percentile(milliseconds, 0.5), 'ms');
  printFigure(`${name}-p99`, percentile(milliseconds, 0.99), 'ms');
}

// Asks for calls by id, a number's calls of a day, and pages of the feed, `questions` of each, of a table `calls` of all
// versions. `ask(sql, values)` gives rows as objects; `json` is SQL for a row of `page` as JSON.
export async function askAboutCalls(peer, questions, ask, json) {
  const samples = await ask(
    `SELECT call_id::text AS call_id, carrier, own_number, date_trunc('day', invited_at)::text AS day FROM calls WHERE version = 2
     ORDER BY md5(call_id::text) LIMIT ${questions}`, []);

  printTimes(`calls.by-id-${peer}`, await timed(samples, async ({ call_id }) => {
    const rows = await ask('SELECT * FROM calls WHERE call_id = $1::uuid ORDER BY version DESC LIMIT 1', [call_id]);
    if (rows.length !== 1) throw new Error(`${peer}: ${call_id} was not found`);
  }));

  printTimes(`calls.number-day-${peer}`, await timed(samples, async ({ carrier, own_number, day }) => {
    const rows = await ask(
      `SELECT * FROM calls WHERE carrier = $1::integer AND own_number = $2::text AND invited_at >= $3::timestamp
       AND invited_at < $3::timestamp + INTERVAL '1 day' AND version = 2 ORDER BY invited_at LIMIT 1000`,
      [carrier, own_number, day]);
    if (rows.length === 0) throw new Error(`${peer}: ${own_number} has no calls`);
  }));

  const [{ pages }] = await ask('SELECT floor(count(*) / 1000)::integer AS pages FROM calls WHERE carrier = 0', []);
  let sequence = 0;
  printTimes(`calls.feed-page-${peer}`, await timed(samples.slice(0, pages), async () => {
    const [{ records, text, last }] = await ask(
      `SELECT count(*)::integer AS records, string_agg(${json}::text, chr(10)) AS text, max(sequence)::integer AS last
       FROM (SELECT * FROM calls WHERE carrier = 0 AND sequence > $1::integer ORDER BY sequence LIMIT 1000) page`, [sequence]);
    if (records !== 1000 || text.length < 100_000) throw new Error(`${peer}: ${records} records on a page`);
    sequence = last;
  }));
}

// Key figures of all calls by carrier and hour, as /v1/quality gives them, of a table `newest` of a row a call: SQL that both
// peers read. `figure(value)` is SQL for a figure's count, average, extremes and percentiles.
export function qualityQuestion(postDialMs, figure) {
  const count = (condition) => `count(*) FILTER (WHERE ${condition})`;
  return `
  WITH ends AS (
    SELECT carrier, date_trunc('hour', invited_at) AS hour, duration_ms, final_sip_code AS sip, q850_cause AS cause, packets,
      jitter_ms_avg AS jitter, loss_ratio_avg AS loss, CASE WHEN packets > 0 THEN mos END AS mos,
      ${postDialMs} AS post_dial_ms,
      answered_at IS NOT NULL OR duration_ms > 0 AS answered,
      CASE WHEN packets = 0 THEN NULL WHEN jitter_ms_avg > 30 OR loss_ratio_avg > 0.1 THEN true
           WHEN jitter_ms_avg IS NOT NULL OR loss_ratio_avg IS NOT NULL THEN false END AS poor
    FROM newest)
  SELECT carrier, hour, count(*) AS calls, ${count('NOT (cause IN (34, 44) AND sip IS NULL)')}, ${count('answered')},
    ${count('answered OR cause IN (17, 18, 19, 20, 21) OR sip IN (480, 486, 600, 603)')},
    sum(duration_ms) FILTER (WHERE answered),
    ${count('answered OR NOT (sip BETWEEN 300 AND 399 OR sip IN (401, 402, 407))')},
    ${count('answered OR sip IN (480, 486, 600, 603)')},
    ${count('poor')}, ${count('NOT poor')}, count(packets) FILTER (WHERE packets = 0),
    ${figure('post_dial_ms')}, ${figure('jitter')}, ${figure('loss')}, ${figure('mos')}
  FROM ends GROUP BY carrier, hour ORDER BY carrier, hour`;
}

// Asks that question `runs` times and prints the median; all `calls` must have been counted.
export async function askForQuality(name, calls, runs, ask, question) {
  const milliseconds = await timed(Array.from({ length: runs }), async () => {
    const rows = await ask(question, []);
    const counted = rows.reduce((sum, row) => sum + Number(row.calls), 0);
    if (counted !== calls) throw new Error(`${name}: ${counted} calls were counted`);
  });
  printFigure(`calls.quality-${name}`, percentile(milliseconds, 0.5), 'ms');
}

// 110.dynamic-html: an event from which the page follows, and the check of every byte of the page but its time and
// its token, which are its own.

const COUNT = { test: 10, small: 1_000, large: 10_000 };

/** The two things on the page that do not follow from the event. */
const OWN = /Rendered at <time>([^<]*)<\/time> as page <code>([0-9a-f]{16})<\/code>/;

export function generate({ size, random }) {
  const guest = random.integer(1000, 9999);
  return {
    event: {
      // The characters are there to be escaped.
      username: `guest ${guest} <guest${guest}@example.org> & friends`,
      count: COUNT[size],
      seed: random.integer(0, 0x7fffffff),
      nonce: random.integer(0, 0x7fffffff),
    },
  };
}

export function validate({ event, output, tools }) {
  if (typeof output !== 'string') return `the output is no text: ${typeof output}`;
  const own = OWN.exec(output);
  if (own === null) return `the page does not say when it was rendered (${output.length} characters)`;
  const [, time, token] = own;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(time)) return `the page was rendered at no time: '${time}'`;
  const expected = pageOf(event, time, token);
  if (output !== expected) return differenceOf(output, expected);
  return tools.once(token) ? null : `the page is one of an earlier request (page ${token})`;
}

/** The page that the templates of all languages make. */
function pageOf(event, time, token) {
  const username = event.username.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const items = drawNumbers(event.seed, event.count).map((number) => `<li>${number}</li>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Numbers for ${username}</title>
</head>
<body>
<h1>Hello, ${username}</h1>
<p>Rendered at <time>${time}</time> as page <code>${token}</code> of request <code>${event.nonce}</code>.</p>
<ol>${items.join('')}</ol>
<p>${event.count} numbers</p>
</body>
</html>
`;
}

/** A linear congruential generator modulo 2^32, the same one as in the functions. */
function drawNumbers(seed, count) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % 1_000_000;
  });
}

function differenceOf(output, expected) {
  const [items, wanted] = [output, expected].map((page) => page.split('<li>').length - 1);
  if (items !== wanted) return `the page has ${items} items, not ${wanted}`;
  let same = 0;
  while (output[same] === expected[same]) same += 1;
  const [there, right] = [output, expected].map((page) => JSON.stringify(page.slice(same, same + 20)));
  return `the page differs at character ${same} of ${expected.length}: ${there}, not ${right}`;
}

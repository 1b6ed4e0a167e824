/** What is different between two texts, word by word. */

/** Words of either text that are compared; of more, all that is not the same at the ends differs. */
const MOST_WORDS = 2000;

/**
 * Returns the texts as parts, in reading order: `[{ kind, text }]`.
 *
 * @returns {Array} `kind` is `same`, `removed` or `added`; parts that follow each other differ in it.
 */
export function difference(before, after) {
  const [old, fresh] = [wordsOf(before), wordsOf(after)];
  const start = commonStart(old, fresh);
  const end = commonStart(
    old.slice(start).reverse(),
    fresh.slice(start).reverse(),
  );
  const parts = [
    ...kept(old.slice(0, start)),
    ...compared(
      old.slice(start, old.length - end),
      fresh.slice(start, fresh.length - end),
    ),
    ...kept(old.slice(old.length - end)),
  ];
  return joined(parts);
}

/**
 * Returns the parts of a difference with what belongs together as one change:
 * `[{ same }]` or `[{ removed, added }]`; space between two changes is changed with them.
 */
export function changesIn(parts) {
  const result = [];
  parts.forEach(({ kind, text }, at) => {
    const last = result[result.length - 1];
    const isBetween = last && !('same' in last) && at < parts.length - 1;
    if (kind === 'same' && isBetween && !text.trim()) {
      last.removed += text;
      last.added += text;
    } else if (kind === 'same') result.push({ same: text });
    else if (last && !('same' in last)) last[kind] += text;
    else result.push({ removed: '', added: '', [kind]: text });
  });
  return result;
}

/** Returns the text with all changes but those whose places are in `refused`. */
export const textWithout = (changes, refused) =>
  changes
    .map(
      ({ same, removed, added }, at) =>
        same ?? (refused.has(at) ? removed : added),
    )
    .join('');

const wordsOf = (text) => text.match(/\s+|[^\s]+/g) ?? [];
const part = (kind) => (text) => ({ kind, text });
const kept = (words) => words.map(part('same'));

function commonStart(one, other) {
  const length = Math.min(one.length, other.length);
  let count = 0;
  while (count < length && one[count] === other[count]) count += 1;
  return count;
}

/** The longest common subsequence stays; what is removed comes before what is added. */
function compared(old, fresh) {
  if (Math.max(old.length, fresh.length) > MOST_WORDS)
    return [...old.map(part('removed')), ...fresh.map(part('added'))];
  const lengths = commonLengths(old, fresh);
  const parts = [];
  let [at, to] = [0, 0];
  while (at < old.length && to < fresh.length) {
    if (old[at] === fresh[to]) {
      parts.push(part('same')(old[at]));
      at += 1;
      to += 1;
    } else if (lengths[at + 1][to] >= lengths[at][to + 1]) {
      parts.push(part('removed')(old[at]));
      at += 1;
    } else {
      parts.push(part('added')(fresh[to]));
      to += 1;
    }
  }
  return [
    ...parts,
    ...old.slice(at).map(part('removed')),
    ...fresh.slice(to).map(part('added')),
  ];
}

/** How many words the ends of both texts have in common, from each place on. */
function commonLengths(old, fresh) {
  const lengths = Array.from(
    { length: old.length + 1 },
    () => new Uint16Array(fresh.length + 1),
  );
  for (let at = old.length - 1; at >= 0; at -= 1)
    for (let to = fresh.length - 1; to >= 0; to -= 1)
      lengths[at][to] =
        old[at] === fresh[to]
          ? lengths[at + 1][to + 1] + 1
          : Math.max(lengths[at + 1][to], lengths[at][to + 1]);
  return lengths;
}

function joined(parts) {
  const result = [];
  parts.forEach(({ kind, text }) => {
    const last = result[result.length - 1];
    if (last?.kind === kind) last.text += text;
    else result.push({ kind, text });
  });
  return result;
}

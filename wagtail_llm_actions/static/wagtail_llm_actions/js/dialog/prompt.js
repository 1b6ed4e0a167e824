/** Shows a prompt as it would be sent: see `POST preview` of the API. */
import { plural, text } from '../strings.js';

/** Says how long a prompt is, where it goes, what it costs and what is left for it. */
export function factsOf({ tokens, window: size, goes_to, price, limits }) {
  const length = size
    ? text('tokens_of', { count: tokens, window: size })
    : plural('tokens', { count: tokens });
  const sentences = [text('goes_to', { length, place: goes_to }), price];
  return [...sentences, ...limits].filter(Boolean).join(' ');
}

/** What a source says is marked, and named for who cannot see the mark. */
function partElement({ text: textContent, source }) {
  if (!source) return element('span', { textContent });
  const mark = element('mark', { textContent, title: source });
  mark.prepend(
    element('span', { className: 'llm-request__source', textContent: source }),
  );
  return mark;
}

/** Returns the parts of a prompt to show, each message under its role; empty where there is none. */
export function promptElements({ system, user }) {
  const messages = [
    ['system', system],
    ['user', user],
  ].filter(([, parts]) => parts.length);
  return messages.flatMap(([role, parts]) => [
    element('strong', {
      className: 'llm-request__role',
      textContent: text(`role_${role}`),
    }),
    ...parts.map(partElement),
    '\n',
  ]);
}

export const element = (name, properties) =>
  Object.assign(document.createElement(name), properties);

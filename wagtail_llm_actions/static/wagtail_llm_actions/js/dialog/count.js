/** Counts characters as the server does. */
import { plural, text } from '../strings.js';

/** Returns the number of code points: the unit of Django's `max_length`. */
export function characters(string) {
  return [...string].length;
}

/** Says how long a text is, and how long it may be where there is a limit. */
export function lengthText(count, limit) {
  return limit
    ? text('length_of', { count, limit })
    : plural('length', { count });
}

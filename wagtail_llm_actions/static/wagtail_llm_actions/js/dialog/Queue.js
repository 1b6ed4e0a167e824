/** The fields that are still to be filled, where several are filled one after the other. */
import { text } from '../strings.js';

export class Queue {
  /** @param {Array} controls - those that come after the first one. */
  constructor(controls) {
    this.waiting = [...controls];
    this.count = controls.length + 1;
  }

  /** Whether there was more than one to begin with. */
  get isLong() {
    return this.count > 1;
  }

  next() {
    return this.waiting.shift();
  }

  clear() {
    this.waiting = [];
  }

  /** Says which of the fields it is, with the name of its action. */
  subtitle(name) {
    const { count } = this;
    const number = count - this.waiting.length;
    return this.isLong ? text('queue', { number, count, name }) : name;
  }
}

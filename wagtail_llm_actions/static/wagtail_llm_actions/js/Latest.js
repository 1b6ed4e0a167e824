/** Asks the server for what follows a person's choices: only the last answer counts. */
import { ApiError } from './api.js';

/** Milliseconds that a hand rests before the server is asked. */
const QUIET = 400;

export class Latest {
  /**
   * @param {HTMLElement} element - is busy as long as an answer is awaited.
   * @param {object} reactions - `show` gets the answer, `refuse` the `ApiError` that came instead.
   */
  constructor(element, { show, refuse }) {
    Object.assign(this, { element, show, refuse });
  }

  /**
   * Asks now; what was asked before is of no use any more.
   *
   * @param {Function} fetch - returns a promise of the answer; gets a signal.
   */
  async ask(fetch) {
    this.forget();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.element.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(signal);
      if (!signal.aborted) this.show(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.refuse(error);
    } finally {
      if (!signal.aborted) this.element.removeAttribute('aria-busy');
    }
  }

  /** Asks when the hand rests. */
  askSoon(fetch) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(fetch), QUIET);
  }

  /** What is asked, or about to be, is of no use any more. */
  forget() {
    clearTimeout(this.timer);
    this.abort?.abort();
    this.element.removeAttribute('aria-busy');
  }
}

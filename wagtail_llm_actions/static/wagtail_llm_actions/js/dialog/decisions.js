/** Records what became of the texts: one of them is used at most. */
import { decideRun, nullIfUnanswered } from '../api.js';

/**
 * Records a decision on one text, and that no other one was used.
 *
 * @param {object} text - `id` of its run, `decision` that was taken before, `isUnfit`.
 * @param {string} decision - `accepted`, `edited` or `rejected`.
 * @param {object} more - `mended`: what was used instead of it; `mode`: how.
 * @param {Array} others - the texts that nobody has decided on.
 * @returns {Promise<?object>} the run; null where there is nothing to record.
 * @throws {ApiError} if it could not be recorded; that the others were not used is recorded then too.
 */
export async function record(text, decision, more, others) {
  const recording = isSettled(text, decision)
    ? Promise.resolve(null)
    : decideRun(text.id, decision, more);
  const [result] = await Promise.allSettled([recording]);
  await reject(others);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

export async function reject(texts) {
  for (const { id } of texts)
    await decideRun(id, 'rejected').catch(nullIfUnanswered);
}

/** What was used stays used; what did not fit was never offered. */
const isSettled = ({ decision: before, isUnfit, isOld }, decision) =>
  isOld ||
  (before && (decision === 'rejected' || before !== 'rejected')) ||
  (isUnfit && decision === 'rejected');

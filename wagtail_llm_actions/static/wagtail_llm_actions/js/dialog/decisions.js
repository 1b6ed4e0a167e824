/** Records what became of the texts: one of them is used at most. */
import { decideRun, noteRestored, nullIfUnanswered } from '../api.js';

/**
 * Records a decision on one text, and that no other one was used.
 *
 * @param {object} text - `id` of its run, `decision` that was taken before, `isUnfit`; `isOld` of what
 *   stood in the field before its run.
 * @param {string} decision - `accepted`, `edited` or `rejected`.
 * @param {object} more - `mended`: what was used instead of it; `mode`: how.
 * @param {Array} others - the texts that nobody has decided on.
 * @returns {Promise<?object>} the run; null where there is nothing to record.
 * @throws {ApiError} if it could not be recorded; that the others were not used is recorded then too.
 */
export async function record(text, decision, more, others) {
  const [result] = await Promise.allSettled([recordOne(text, decision, more)]);
  await reject(others);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

export async function reject(texts) {
  for (const { id } of texts)
    await decideRun(id, 'rejected').catch(nullIfUnanswered);
}

async function recordOne(text, decision, more) {
  if (!text.isOld)
    return isSettled(text, decision)
      ? null
      : decideRun(text.id, decision, more);
  // What is said at the field is of its last run, which this need not be.
  if (decision !== 'rejected') await noteRestored(text.id);
  return null;
}

/** What was used stays used; what did not fit was never offered. */
const isSettled = ({ decision: before, isUnfit }, decision) =>
  (before && (decision === 'rejected' || before !== 'rejected')) ||
  (isUnfit && decision === 'rejected');

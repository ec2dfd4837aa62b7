// answer.js (worker): an engine's answer as plain values that can be sent between threads.

export function plain(answer) {
  const { logits, probabilities, attention, iterations, rows, columns, patches } = answer;
  answer.free();
  return { logits, probabilities, attention, iterations, rows, columns, patches };
}

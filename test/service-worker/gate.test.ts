import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../../src/service-worker/gate.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Sends so many to a gate; what each got when it was let in, in their order. */
function crowd(gate: Gate, count: number): (() => void)[] {
  const inside: (() => void)[] = [];
  for (let i = 0; i < count; i++) void gate.enter().then((leave) => inside.push(leave));
  return inside;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the gate', () => {
  it('lets in as many as have room, and one for each that leaves', async () => {
    const inside = crowd(new Gate(2, 1000), 4);
    await settle();
    expect(inside.length).toBe(2);
    inside[0]!();
    inside[0]!();
    await settle();
    expect(inside.length).toBe(3);
  });

  it('lets in one more whenever nobody leaves for a while', async () => {
    const gate = new Gate(2, 1000);
    const inside = crowd(gate, 5);
    await vi.advanceTimersByTimeAsync(999);
    expect(inside.length).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(inside.length).toBe(3);
    // The one that still moves makes room for the others at once.
    inside[2]!();
    await settle();
    expect(inside.length).toBe(4);
    inside[3]!();
    await settle();
    expect(inside.length).toBe(5);
    inside[4]!();
    expect(vi.getTimerCount()).toBe(0);
    // The two that stand still fill the gate, until they leave.
    const late = crowd(gate, 1);
    await settle();
    expect(late.length).toBe(0);
    inside[0]!();
    await settle();
    expect(late.length).toBe(1);
  });
});

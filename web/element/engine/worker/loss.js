// loss.js: tells when a graphics card is gone.

/**
 * Reports the loss of any device that the engine asks for.
 * @param {(reason: string) => void} report
 */
export function watchForLoss(report) {
  const { GPUAdapter } = /** @type {{ GPUAdapter?: { prototype: any } }} */ (/** @type {unknown} */ (globalThis));
  if (!GPUAdapter) return;
  const request = GPUAdapter.prototype.requestDevice;
  /** @this {unknown} @param {unknown[]} options */
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await request.apply(this, options);
    device.lost.then((/** @type {{ message: string, reason: string }} */ { message, reason }) => {
      report(message || reason || 'no reason given');
    });
    return device;
  };
}

// Platform `process`: plain processes of this host as functions. (Being built.)
import type { DriverContext, PlatformDriver } from '../driver.js';

export async function createDriver(_context: DriverContext): Promise<PlatformDriver> {
  throw new Error('being built');
}

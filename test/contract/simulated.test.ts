import { createDriver } from '../../src/platforms/simulated/driver.js';
import { deployProbe } from './driver-harness.js';
import { describePlatformContract } from './platform-contract.js';

describePlatformContract({
  name: 'simulated',
  create: (context) => createDriver(context),
  have: (driver) => deployProbe(driver, { language: 'nodejs', memoryMb: 256 }),
});

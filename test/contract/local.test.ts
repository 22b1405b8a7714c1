import { createDriver } from '../../src/platforms/local/driver.js';
import { engine, withoutDocker } from '../support/docker.js';
import { describeDriverContract } from './driver-contract.js';

const memory = { limitMb: 96, tooMuchMb: 300 };

if (engine !== undefined || !withoutDocker('the driver contract of local'))
  for (const language of ['python', 'nodejs'])
    describeDriverContract({ name: 'local', language, create: (context) => createDriver(context), memory });

import { execFileSync } from 'node:child_process';
import { createDriver } from '../../src/platforms/process/driver.js';
import { leftOut } from '../support/left-out.js';
import { describeDriverContract } from './driver-contract.js';

const memory = { limitMb: 96, tooMuchMb: 300 };

describeDriverContract({ name: 'process', language: 'nodejs', create: (context) => createDriver(context), memory });

if (hasPython()) {
  describeDriverContract({ name: 'process', language: 'python', create: (context) => createDriver(context), memory });
} else {
  leftOut('the driver contract of process in Python', 'there is no python3');
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', ''], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

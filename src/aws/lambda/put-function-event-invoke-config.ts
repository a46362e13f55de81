import type { OperationEntry } from '../service.ts';
import { changeEventInvokeConfig } from './change-event-invoke-config.ts';
import type { EventInvokeParts } from './event-invoke-config.ts';

/** In place of what was configured; what is not given is as the version's settings say. */
export const putFunctionEventInvokeConfig = (parts: EventInvokeParts): OperationEntry =>
  changeEventInvokeConfig(parts, 'lambda:PutFunctionEventInvokeConfig', () => undefined);

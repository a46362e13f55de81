import type { OperationEntry } from '../service.ts';
import { changeEventInvokeConfig } from './change-event-invoke-config.ts';
import { configuredEvents, type EventInvokeParts } from './event-invoke-config.ts';

/** What is given changes; the rest stays. Errors: ResourceNotFoundException where nothing is configured. */
export const updateFunctionEventInvokeConfig = (parts: EventInvokeParts): OperationEntry =>
  changeEventInvokeConfig(parts, 'lambda:UpdateFunctionEventInvokeConfig', configuredEvents);

/**
 * What still works on a full disk: reading, what makes room, and calls whose answer is waited for. AWS begins the names of
 * its operations with a verb, so that of one that is added tomorrow this is known, too.
 */
const goesOn =
  /^(Get|Head|List|Describe|Count|Check|Select|Query|Scan|BatchGet|TransactGet|Simulate|Invoke|Delete|Remove|Purge|Abort|Cancel|Untag|Unsubscribe|Receive|ChangeMessageVisibility)/;

/** Whether an operation keeps something new. */
export const needsDisk = (operation: string): boolean => !goesOn.test(operation);

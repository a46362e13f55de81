import { pageOf } from '../page.ts';

type Asked = { Marker?: string | undefined; Limit?: number | undefined };

/** KMS's own kind of paging. https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html and its like. */
export function markerPage<Item>(
  items: readonly Item[],
  { Marker, Limit }: Asked,
  keyOf: (item: Item) => string,
): { page: Item[]; Truncated: boolean; NextMarker?: string } {
  const asked = { token: Marker, limit: Limit, tokenError: 'InvalidMarkerException' };
  const { page, NextToken } = pageOf(items, asked, keyOf);
  return { page, Truncated: NextToken !== undefined, ...(NextToken !== undefined && { NextMarker: NextToken }) };
}

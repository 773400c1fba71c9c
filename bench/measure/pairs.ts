import { waitForQuiet } from './quiet.ts';

/** Runs of the product and of what it is compared with, equally many, and how busy others kept the machine meanwhile. */
export interface Pairs<Product, Reference> {
  readonly product: readonly Product[];
  readonly reference: readonly Reference[];
  readonly othersBusyCores: number;
}

/** Product, reference, product, reference ...: what slows the machine for a while slows both of a pair. */
export async function runPairs<Product, Reference>(
  count: number,
  runProduct: () => Promise<Product>,
  runReference: () => Promise<Reference>,
): Promise<Pairs<Product, Reference>> {
  const product: Product[] = [];
  const reference: Reference[] = [];
  let othersBusyCores = 0;
  const settle = async () => {
    othersBusyCores = Math.max(othersBusyCores, await waitForQuiet());
  };
  for (let pair = 0; pair < count; pair++) {
    await settle();
    product.push(await runProduct());
    await settle();
    reference.push(await runReference());
  }
  return { product, reference, othersBusyCores };
}

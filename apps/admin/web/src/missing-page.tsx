import { PageHead } from './parts/page-head';
import { linkTo } from './routing/route';

/** The address names nothing. */
export function MissingPage({ path }: { readonly path: string }) {
  return (
    <>
      <PageHead title="No such page" />
      <p class="note">
        There is no page <code>{path}</code> here. <a href={linkTo({ page: 'overview' })}>Go to the overview</a>.
      </p>
    </>
  );
}

import { PageHead } from '../parts/page-head';
import { ViewerNote } from '../parts/viewer-note';
import { LookUpSection } from './look-up-section';
import { StormSection } from './storm-section';

/** Dead pushkeys: one that somebody asks about, and those of a storm. */
export function RejectionsPage() {
  return (
    <>
      <PageHead title="Rejections" />
      <ViewerNote />
      <StormSection />
      <LookUpSection />
    </>
  );
}

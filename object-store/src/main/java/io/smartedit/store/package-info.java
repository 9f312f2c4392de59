/** Images in S3-compatible storage, behind a small port; the only user of the MinIO SDK. */
@NullMarked
package io.smartedit.store;

import org.jspecify.annotations.NullMarked;

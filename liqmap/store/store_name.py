"""What a store is called in every process, and how one finds it by that name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.layout import check_store
from liqmap.store.remote.address import address, is_address
from liqmap.store.remote.mirror import mirror_of


@dataclass(frozen=True)
class StoreName:
    """What a store is called in every process: its address, or its folder from the root on.

    endpoint : of an address, that of the service which speaks S3, as the environment says it; else empty.
    """

    name: str
    endpoint: str = ""

    @classmethod
    def of(cls, folder: Path) -> StoreName:
        """Of a store that is open."""
        found = mirror_of(folder)
        return cls(os.path.abspath(folder)) if found is None else cls(found.url, found.address.endpoint)

    def open(self) -> Path:
        """The store's folder; of an address, that of its mirror, as of now.

        Raises
        ------
        StoreError : it is not there any more, or not to be reached from here.
        """
        if not is_address(self.name) and not Path(self.name).is_dir():
            raise StoreError(
                where=self.name,
                expected="the store that was open when this was sent",
                got="nothing there" if not Path(self.name).exists() else "a file",
                remedy="Every process must find it under this path; if it was moved, open it again",
            )
        if is_address(self.name) and (now := address(self.name).endpoint) != self.endpoint:
            raise StoreError(
                where=self.name,
                expected=f"the endpoint it was opened at ({self.endpoint or 'that of the cloud'})",
                got=now or "that of the cloud",
                remedy="Set AWS_ENDPOINT_URL alike in every process",
            )
        return check_store(self.name)

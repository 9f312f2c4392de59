package io.smartedit.store;

final class InMemoryObjectStoreTest implements ObjectStoreContract {

  private final InMemoryObjectStore store = new InMemoryObjectStore();

  @Override
  public ObjectStore store() {
    return store;
  }
}

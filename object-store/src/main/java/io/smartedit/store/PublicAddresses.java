package io.smartedit.store;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * The resolver of names for calls that somebody outside may ask for: one that leads to a private,
 * loopback or link-local address is refused where it is resolved, so that what was checked is what
 * is connected to. An address that stands in a URL as numbers is not resolved; whoever uses this
 * refuses it before. Thread-safe.
 */
public final class PublicAddresses implements Dns {

  /** A name that leads where nobody outside should look. */
  public static final class PrivateAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    private PrivateAddressException(@Nullable String host) {
      super(host + " is not on the open internet");
    }
  }

  private final Dns names;

  /** By the system's own resolver. */
  public PublicAddresses() {
    this(Dns.SYSTEM);
  }

  /** By another resolver. */
  public PublicAddresses(Dns names) {
    this.names = names;
  }

  @Override
  public List<InetAddress> lookup(String host) throws UnknownHostException {
    List<InetAddress> addresses = names.lookup(host);
    for (InetAddress address : addresses) {
      if (!isPublic(address)) {
        throw new PrivateAddressException(host);
      }
    }
    return addresses;
  }

  /** By the registries of special addresses (RFC 6890); Java's own checks miss some of them. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xFF;
    int second = bytes[1] & 0xFF;
    if (address instanceof Inet4Address) {
      boolean shared = first == 100 && second >= 64 && second < 128;
      boolean special = first == 192 && second == 0 && (bytes[2] == 0 || bytes[2] == 2);
      boolean benchmark = first == 198 && (second == 18 || second == 19);
      return first != 0 && first < 240 && !shared && !special && !benchmark;
    }
    boolean global = first >= 0x20 && first < 0x40; // 2000::/3
    boolean tunnel = first == 0x20 && second == 0x02; // 6to4: an IPv4 address inside
    boolean teredo = first == 0x20 && second == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    return global && !tunnel && !teredo;
  }
}

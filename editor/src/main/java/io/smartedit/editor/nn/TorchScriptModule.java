package io.smartedit.editor.nn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A module of TorchScript as an archive: a zip of stored entries that holds a pickled empty object
 * and the source of its methods.
 */
final class TorchScriptModule {

  private static final String HEAD =
      """
      class Ops(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  /** What libtorch has under any build; every number an {@code int} or a {@code float}. */
  private static final String OPERATORS =
      """
      def to_fp32(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.to(x, 6)
      def to_fp16(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.to(x, 5)
      def to_bf16(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.to(x, 15)
      def empty_bf16(self: __torch__.Ops, like: Tensor) -> Tensor:
        return torch.empty_like(like, dtype=15)
      def blend(self: __torch__.Ops, arrays: List[Tensor], shares: List[float]) -> Tensor:
        sum = torch.mul(arrays[0], shares[0])
        for i in range(torch.sub(torch.len(arrays), 1)):
          j = torch.add(i, 1)
          sum = torch.add(sum, arrays[j], alpha=shares[j])
        return sum
      def embedding(self: __torch__.Ops, ids: Tensor, table: Tensor) -> Tensor:
        return torch.embedding(table, ids)
      def rows(self: __torch__.Ops, table: Tensor, ids: Tensor) -> Tensor:
        return torch.embedding(table, ids)
      def group_norm(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, groups: int, eps: float) -> Tensor:
        return torch.group_norm(x, groups, w, b, eps)
      def group_norm_silu(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, groups: int, eps: float) -> Tensor:
        return torch.silu(torch.group_norm(x, groups, w, b, eps))
      def rms_norm(self: __torch__.Ops, x: Tensor, w: Tensor, eps: float) -> Tensor:
        wide = torch.to(x, 6)
        scale = torch.rsqrt(torch.add(torch.mean(torch.pow(wide, 2), [-1], True), eps))
        return torch.mul(w, torch.to(torch.mul(wide, scale), ops.prim.dtype(x)))
      def scale(self: __torch__.Ops, x: Tensor, factor: float) -> Tensor:
        return torch.mul(x, factor)
      def silu(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.silu(x)
      def silu_gate(self: __torch__.Ops, gate: Tensor, up: Tensor) -> Tensor:
        return torch.mul(torch.silu(gate), up)
      def quick_gelu(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.mul(x, torch.sigmoid(torch.mul(x, 1.702)))
      def geglu(self: __torch__.Ops, x: Tensor) -> Tensor:
        a, b = torch.chunk(x, 2, -1)
        return torch.mul(a, torch.gelu(b))
      def split(self: __torch__.Ops, x: Tensor, heads: int) -> Tensor:
        return torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), heads, -1]), 1, 2)
      def merge(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.reshape(torch.transpose(x, 1, 2), [torch.size(x, 0), torch.size(x, 2), -1])
      def attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        o = torch.scaled_dot_product_attention((self).split(q, heads), (self).split(k, heads), (self).split(v, heads))
        return (self).merge(o)
      def causal_attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        o = torch.scaled_dot_product_attention((self).split(q, heads), (self).split(k, heads), (self).split(v, heads), None, 0., True)
        return (self).merge(o)
      def rotate(self: __torch__.Ops, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        a, b = torch.chunk(x, 2, -1)
        turned = torch.cat([torch.neg(b), a], -1)
        return torch.add(torch.mul(x, cosine), torch.mul(turned, sine))
      def rotary_attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, cosine: Tensor, sine: Tensor, heads: int) -> Tensor:
        rq = (self).rotate((self).split(q, heads), cosine, sine)
        rk = (self).rotate((self).split(k, heads), cosine, sine)
        o = torch.scaled_dot_product_attention(rq, rk, (self).split(v, heads), None, 0., True)
        return (self).merge(o)
      def nearest(self: __torch__.Ops, x: Tensor, like: Tensor) -> Tensor:
        return torch.upsample_nearest2d(x, [torch.size(like, 2), torch.size(like, 3)], None, None)
      def bilinear(self: __torch__.Ops, x: Tensor, like: Tensor) -> Tensor:
        return torch.upsample_bilinear2d(x, [torch.size(like, 2), torch.size(like, 3)], False, None, None)
      def pad_bottom_right(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.constant_pad_nd(x, [0, 1, 0, 1], 0)
      def linear(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
        return torch.linear(x, w, b)
      def conv2d(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        return torch.conv2d(x, w, b, [stride, stride], [padding, padding])
      def low_rank_linear(self: __torch__.Ops, y: Tensor, x: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return torch.add(y, torch.linear(torch.linear(x, a), b))
      def low_rank_conv2d(self: __torch__.Ops, y: Tensor, x: Tensor, a: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        low = torch.conv2d(x, a, None, [stride, stride], [padding, padding])
        return torch.add(y, torch.conv2d(low, b))
      def layer_norm(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
        return torch.layer_norm(x, [torch.size(x, -1)], w, b, eps)
      def gelu(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.gelu(x)
      def relu(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.relu(x)
      def cells(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.transpose(torch.flatten(x, 2, 3), 1, 2)
      def lattice(self: __torch__.Ops, cells: Tensor, like: Tensor) -> Tensor:
        return torch.reshape(torch.transpose(cells, 1, 2), torch.size(like))
      def channels(self: __torch__.Ops, x: Tensor, first: int, count: int) -> Tensor:
        return torch.narrow(x, 1, first, count)
      def twice_as_large(self: __torch__.Ops, x: Tensor) -> Tensor:
        return torch.upsample_nearest2d(x, [torch.mul(torch.size(x, 2), 2), torch.mul(torch.size(x, 3), 2)], None, None)
      """;

  /** oneDNN's operators over weights laid out for the processor beforehand. */
  private static final String PACKED =
      """
      def packed_linear(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
        return ops.mkldnn._linear_pointwise(x, w, b, "none", annotate(List[Optional[number]], []), "")
      def packed_conv2d(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, stride: int, padding: int) -> Tensor:
        return ops.mkldnn._convolution_pointwise(x, w, b, [padding, padding], [stride, stride], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")
      def attention_bf16(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        if torch.ge(torch.size(k, 1), 64):
          o = (self).attention(q, k, v, heads)
        else:
          o = torch.to((self).attention(torch.to(q, 6), torch.to(k, 6), torch.to(v, 6), heads), 15)
        return o
      def pack_linear(self: __torch__.Ops, w: Tensor) -> Tensor:
        return ops.mkldnn._reorder_linear_weight(w)
      def pack_conv2d(self: __torch__.Ops, w: Tensor, stride: int, padding: int) -> Tensor:
        return ops.mkldnn._reorder_convolution_weight(w, [padding, padding], [stride, stride], [1, 1])
      """;

  private static final Pattern TYPED =
      Pattern.compile("def (\\w+)\\(self: __torch__\\.Ops, (.*: (?:int|float).*)\\) -> Tensor:");

  private final String methods;

  private TorchScriptModule(String methods) {
    this.methods = methods;
  }

  /** The operators, and by {@code NAME_} each that takes numbers, with tensors for them. */
  static TorchScriptModule operators() {
    return new TorchScriptModule(OPERATORS + taking(OPERATORS));
  }

  /** oneDNN's operators likewise; libtorch refuses it where it was built without oneDNN. */
  static TorchScriptModule packedOperators() {
    return new TorchScriptModule(OPERATORS + PACKED + taking(PACKED));
  }

  /** One method that uses the operators. */
  static TorchScriptModule program(String method, boolean packed) {
    return new TorchScriptModule(OPERATORS + (packed ? PACKED : "") + method);
  }

  /** DJL runs a method with gradients only where all its arguments are tensors. */
  private static String taking(String operators) {
    StringBuilder wrappers = new StringBuilder();
    Matcher matcher = TYPED.matcher(operators);
    while (matcher.find()) {
      String parameters = matcher.group(2);
      wrappers
          .append("def %s_(self: __torch__.Ops, ".formatted(matcher.group(1)))
          .append(parameters.replaceAll(": (int|float)", ": Tensor"))
          .append(") -> Tensor:\n  return (self).%s(".formatted(matcher.group(1)))
          .append(
              parameters
                  .replaceAll("(\\w+): (int|float)", "$2($1)")
                  .replaceAll("(\\w+): [^,]+", "$1"))
          .append(")\n");
    }
    return wrappers.toString();
  }

  /** The source of its methods. */
  @Override
  public String toString() {
    return methods;
  }

  /** The archive's bytes. */
  byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "ops/data.pkl", moduleObject());
      store(
          zip,
          "ops/code/__torch__.py",
          (HEAD + methods.indent(2)).getBytes(StandardCharsets.UTF_8));
      store(zip, "ops/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      store(zip, "ops/version", "3\n".getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Pickle of {@code __torch__.Ops} whose state is {@code {"training": False}}. */
  private static byte[] moduleObject() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(new byte[] {(byte) 0x80, 2});
    pickle.write("c__torch__\nOps\n".getBytes(StandardCharsets.UTF_8));
    pickle.write(new byte[] {')', (byte) 0x81, '}', '('});
    pickle.write(new byte[] {'X', 8, 0, 0, 0});
    pickle.write("training".getBytes(StandardCharsets.UTF_8));
    pickle.write(new byte[] {(byte) 0x89, 'u', 'b', '.'});
    return pickle.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}

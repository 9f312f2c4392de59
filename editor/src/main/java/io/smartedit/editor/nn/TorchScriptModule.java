package io.smartedit.editor.nn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The operator bridge as a TorchScript archive: a zip of stored entries that holds a pickled empty
 * module and the source of its methods.
 */
final class TorchScriptModule {

  private static final String SOURCE =
      """
      class Ops(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def to_fp32(self: __torch__.Ops, x: Tensor) -> Tensor:
          return torch.to(x, 6)
        def to_fp16(self: __torch__.Ops, x: Tensor) -> Tensor:
          return torch.to(x, 5)
        def to_bf16(self: __torch__.Ops, x: Tensor) -> Tensor:
          return torch.to(x, 15)
        def empty_bf16(self: __torch__.Ops, like: Tensor) -> Tensor:
          return torch.empty_like(like, dtype=15)
        def embedding(self: __torch__.Ops, ids: Tensor, table: Tensor) -> Tensor:
          return torch.embedding(table, ids)
        def rows(self: __torch__.Ops, table: Tensor, ids: Tensor) -> Tensor:
          return torch.embedding(table, ids)
        def group_norm(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, groups: Tensor, eps: Tensor) -> Tensor:
          return torch.group_norm(x, int(groups), w, b, float(eps))
        def group_norm_silu(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, groups: Tensor, eps: Tensor) -> Tensor:
          return torch.silu(torch.group_norm(x, int(groups), w, b, float(eps)))
        def rms_norm(self: __torch__.Ops, x: Tensor, w: Tensor, eps: Tensor) -> Tensor:
          wide = torch.to(x, 6)
          scale = torch.rsqrt(torch.add(torch.mean(torch.pow(wide, 2), [-1], True), float(eps)))
          return torch.mul(w, torch.to(torch.mul(wide, scale), ops.prim.dtype(x)))
        def scale(self: __torch__.Ops, x: Tensor, factor: Tensor) -> Tensor:
          return torch.mul(x, float(factor))
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
        def attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, heads: Tensor) -> Tensor:
          h = int(heads)
          o = torch.scaled_dot_product_attention((self).split(q, h), (self).split(k, h), (self).split(v, h))
          return (self).merge(o)
        def causal_attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, heads: Tensor) -> Tensor:
          h = int(heads)
          o = torch.scaled_dot_product_attention((self).split(q, h), (self).split(k, h), (self).split(v, h), None, 0., True)
          return (self).merge(o)
        def rotate(self: __torch__.Ops, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
          a, b = torch.chunk(x, 2, -1)
          turned = torch.cat([torch.neg(b), a], -1)
          return torch.add(torch.mul(x, cosine), torch.mul(turned, sine))
        def rotary_attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor, cosine: Tensor, sine: Tensor, heads: Tensor) -> Tensor:
          h = int(heads)
          rq = (self).rotate((self).split(q, h), cosine, sine)
          rk = (self).rotate((self).split(k, h), cosine, sine)
          o = torch.scaled_dot_product_attention(rq, rk, (self).split(v, h), None, 0., True)
          return (self).merge(o)
        def nearest(self: __torch__.Ops, x: Tensor, like: Tensor) -> Tensor:
          return torch.upsample_nearest2d(x, [torch.size(like, 2), torch.size(like, 3)], None, None)
        def bilinear(self: __torch__.Ops, x: Tensor, like: Tensor) -> Tensor:
          return torch.upsample_bilinear2d(x, [torch.size(like, 2), torch.size(like, 3)], False, None, None)
        def pad_bottom_right(self: __torch__.Ops, x: Tensor) -> Tensor:
          return torch.constant_pad_nd(x, [0, 1, 0, 1], 0)
      """;

  private TorchScriptModule() {}

  /** The archive's bytes. */
  static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "ops/data.pkl", moduleObject());
      store(zip, "ops/code/__torch__.py", SOURCE.getBytes(StandardCharsets.UTF_8));
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

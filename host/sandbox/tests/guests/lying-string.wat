;; Sets a tag that is one gibibyte long, if one believes it: its memory has 128 KiB.
(import "tollgate:plugin/desk@1.0.0" "tag" (func $tag (param i32 i32 i32)))
(func (export "handle") (param i32) (result i32)
  (call $tag (i32.const 0) (i32.const 0x40000000) (i32.const 1024))
  (i32.const 512))

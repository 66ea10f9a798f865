;; Sends 268,435,456 cards, if one believes it: its memory has 128 KiB.
(import "tollgate:plugin/gate@1.0.0" "send" (func $send (param i32 i32)))
(func (export "handle") (param i32) (result i32)
  (i32.store8 (i32.const 2064) (i32.const 7))
  (i32.store (i32.const 2072) (i32.const 1024))
  (i32.store (i32.const 2076) (i32.const 0x10000000))
  (call $send (i32.const 2048) (i32.const 3072))
  (i32.const 512))

;; Logs bytes that are no text.
(import "tollgate:plugin/log@1.0.0" "line" (func $line (param i32 i32 i32)))
(data (i32.const 4096) "\ff\fe\fd")
(func (export "handle") (param i32) (result i32)
  (call $line (i32.const 0) (i32.const 4096) (i32.const 3))
  (i32.const 512))

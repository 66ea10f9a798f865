;; Says that its name, which is where nothing but zeroes are, has four mebibytes.
(memory (export "memory") 80)
(func (export "describe") (result i32)
  (i32.store (i32.const 1024) (i32.const 65536))
  (i32.store (i32.const 1028) (i32.const 4194304))
  (i32.const 1024))

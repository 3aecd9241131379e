(* SPDX-License-Identifier: MIT *)
(* Loaded into Frama-C by prove.py. Frama-C sets a minor heap of 256 K words for itself, whatever OCAMLRUNPARAM says, and each
   minor collection looks through all that its plug-ins hold: with 4 M words there are sixteen times fewer of them. *)
let () = Gc.set { (Gc.get ()) with Gc.minor_heap_size = 4 * 1024 * 1024; Gc.space_overhead = 1000 }

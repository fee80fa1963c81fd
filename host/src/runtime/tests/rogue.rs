//! Components that misbehave: the world's exports, every one with the same
//! body, assembled by hand.

use std::path::Path;

use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, MemorySection,
    MemoryType, Module, TypeSection, ValType,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Resolve, WorldItem};

/// What every export does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// Breaks off.
    Trap,
    /// Never ends.
    Loop,
    /// Takes memory until there is none, then breaks off.
    Grow,
    /// Calls itself.
    Recurse,
}

/// A component of one of our worlds.
pub(super) fn component(world: &str, body: Body) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();

    let mut parts = Parts::default();
    parts.function("cabi_realloc", &[WasmType::I32; 4], &[WasmType::I32], Body::Trap);
    for (key, item) in &resolve.worlds[world].exports {
        let WorldItem::Interface { id, .. } = item else { continue };
        for (name, function) in &resolve.interfaces[*id].functions {
            let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
            let name = format!("{}#{name}", resolve.name_world_key(key));
            parts.function(&name, &signature.params, &signature.results, body);
        }
    }
    let mut module = parts.module();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

#[derive(Default)]
struct Parts {
    count: u32,
    types: TypeSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
}

impl Parts {
    fn function(&mut self, name: &str, parameters: &[WasmType], results: &[WasmType], body: Body) {
        let values = |types: &[WasmType]| types.iter().map(value).collect::<Vec<_>>();
        self.types.ty().function(values(parameters), values(results));
        self.functions.function(self.count);
        self.exports.export(name, ExportKind::Func, self.count);
        let mut code = Function::new([]);
        for instruction in instructions(body, self.count, parameters.len()) {
            code.instruction(&instruction);
        }
        self.code.function(&code);
        self.count += 1;
    }

    fn module(mut self) -> Vec<u8> {
        let mut memories = MemorySection::new();
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        self.exports.export("memory", ExportKind::Memory, 0);
        let mut module = Module::new();
        module.section(&self.types).section(&self.functions).section(&memories);
        module.section(&self.exports).section(&self.code);
        module.finish()
    }
}

fn instructions(body: Body, function: u32, parameters: usize) -> Vec<Instruction<'static>> {
    use Instruction::{Br, BrIf, Call, Drop, End, I32Const, I32Ne, LocalGet, Loop, MemoryGrow, Unreachable};
    match body {
        Body::Trap => vec![Unreachable, End],
        Body::Loop => vec![Loop(BlockType::Empty), Br(0), End, Unreachable, End],
        Body::Grow => {
            let refused = I32Const(-1);
            vec![Loop(BlockType::Empty), I32Const(16), MemoryGrow(0), refused, I32Ne, BrIf(0), End, Unreachable, End]
        }
        Body::Recurse => {
            let arguments = (0..u32::try_from(parameters).unwrap()).map(LocalGet);
            arguments.chain([Call(function), Drop, Unreachable, End]).collect()
        }
    }
}

fn value(kind: &WasmType) -> ValType {
    match kind {
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
    }
}

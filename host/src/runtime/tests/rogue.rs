//! Components that misbehave: the world's exports, every one with the same
//! body, assembled by hand.

use std::path::Path;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, Instruction,
    MemorySection, MemoryType, Module, TypeSection, ValType,
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
    /// Answers something from a memory full of nonsense, which differs by this.
    Lie(u32),
}

/// Words of nonsense: pointers, lengths, discriminants, and what is none.
const WORDS: [u32; 12] = [0, 1, 2, 3, 7, 64, 1024, 0xfff0, 0x1_0000, 0x7fff_ffff, 0xffff_fff0, u32::MAX];

/// A page of them, the same for the same number.
fn nonsense(number: u32) -> Vec<u8> {
    let word = |place: u32| {
        let mixed = (place + 1).wrapping_mul(number.wrapping_mul(2).wrapping_add(0x9e37_79b1)).rotate_left(place % 31);
        WORDS[(mixed >> 16) as usize % WORDS.len()]
    };
    (0..0x4000).flat_map(|place| word(place).to_le_bytes()).collect()
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
    page: Vec<u8>,
}

impl Parts {
    fn function(&mut self, name: &str, parameters: &[WasmType], results: &[WasmType], body: Body) {
        let values = |types: &[WasmType]| types.iter().map(value).collect::<Vec<_>>();
        self.types.ty().function(values(parameters), values(results));
        self.functions.function(self.count);
        self.exports.export(name, ExportKind::Func, self.count);
        let mut code = Function::new([]);
        if let Body::Lie(number) = body {
            self.page = nonsense(number);
        }
        for instruction in instructions(body, self.count, parameters.len(), results) {
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
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), self.page);
        module.section(&data);
        module.finish()
    }
}

fn instructions(body: Body, function: u32, parameters: usize, results: &[WasmType]) -> Vec<Instruction<'static>> {
    use Instruction::{Br, BrIf, Call, Drop, End, I32Const, I32Ne, LocalGet, Loop, MemoryGrow, Unreachable};
    match body {
        Body::Trap => vec![Unreachable, End],
        Body::Lie(_) => {
            let answer = results.iter().map(|result| match value(result) {
                ValType::I64 => Instruction::I64Const(-1),
                ValType::F32 => Instruction::F32Const(f32::NAN.into()),
                ValType::F64 => Instruction::F64Const(f64::NAN.into()),
                // Aligned, and each function's its own.
                _ => I32Const(i32::try_from(1024 + 64 * function).unwrap()),
            });
            answer.chain([End]).collect()
        }
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

// What a server does that renders pages: it imports the packages for what they say. Without a document nothing is defined.
import { VitroCompare } from '@vitro/elements';
import { zoo } from '@vitro/zoo';

VitroCompare.zoo = zoo;
const models = zoo.map(({ name }) => name).join(' ');
console.log(`<vitro-compare models="${models}"></vitro-compare>`);

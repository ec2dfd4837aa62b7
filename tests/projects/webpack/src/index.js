import { VitroCompare } from '@vitro/elements';
import { zoo } from '@vitro/zoo';

VitroCompare.zoo = zoo;
